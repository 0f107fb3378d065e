/// The frame of the page: one file that loads nothing. Without JavaScript it shows the report's pictures.
enum PlaygroundTemplate {
  static let head = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; \
    img-src data: blob:; style-src 'unsafe-inline'; script-src 'sha256-{{scriptDigest}}'">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}: a net, forward and backward</title>
    <style>

    """

  static let opening = """
    </style>
    </head>
    <body class="playground">
    <header>
    <p class="eyebrow">Playground</p>
    <h1>A net, forward and backward</h1>
    <p class="lead">Every small square or cell is one number. Point at it to see how it is computed: forward from the \
    numbers of the layer before, backward from the gradients.</p>
    </header>
    <main>
    <div id="app" hidden></div>
    <div id="still">
    <noscript><p>The playground computes in this page and needs JavaScript. Without it, the page shows the kernels and \
    the outputs of every layer for one test image.</p></noscript>

    """

  /// The end of the page, with data and script as they are.
  static let end = """
    </div>
    </main>
    <footer><p class="note">{{parameterCount}} parameters, SHA-256 {{digest}}; page written by swift-im2col {{version}}. \
    Nothing leaves this page.</p></footer>
    <script type="application/json" id="data">{{{data}}}</script>
    <script>{{{script}}}</script>
    </body>
    </html>

    """
}
