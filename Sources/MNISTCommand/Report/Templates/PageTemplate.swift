/// The frame of the page: a single file without scripts or external resources.
enum PageTemplate {
  static let head = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
    <meta name="color-scheme" content="light dark">
    <title>{{title}}: test accuracy {{testAccuracy}}</title>
    <style>

    """

  static let opening = """
    </style>
    </head>
    <body>
    <header>
    <p class="eyebrow">Training report</p>
    <h1>{{title}}</h1>
    <p class="lead">{{correct}} of {{testImages}} test images classified correctly.</p>
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
