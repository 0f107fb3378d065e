/// The frame of the page: one file that asks the network for nothing, and runs no script.
enum PageTemplate {
  static let head = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}: {{testAccuracy}} of the test images recognized</title>
    <style>

    """

  static let opening = """
    </style>
    </head>
    <body>
    <header>
    <p class="eyebrow">Training report</p>
    <h1>{{title}}</h1>
    <p class="lead">{{correct}} of {{testImages}} test images recognized.</p>
    <dl class="figures">
    <div><dt>Test accuracy</dt><dd>{{testAccuracy}}</dd></div>
    <div><dt>Test loss</dt><dd>{{testLoss}}</dd></div>
    <div><dt>Parameters</dt><dd>{{parameterCount}}</dd></div>
    </dl>
    </header>
    <main>

    """

  static let end = """
    </main>
    </body>
    </html>

    """
}
