"""The Python listings of an article: fenced blocks whose first line is a comment with a file name."""

import re


def listing(article, name):
    """Returns the listing whose first line is `# NAME`."""
    with open(article, encoding="utf-8") as file:
        blocks = re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)
    (text,) = [block for block in blocks if block.startswith(f"# {name}\n")]
    return text


def run(article, name, names):
    """Runs a listing with these global names, and adds the names that it defines."""
    exec(compile(listing(article, name), name, "exec"), names)
