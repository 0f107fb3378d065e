/// The layers and the origin of the model.
enum FactsTemplate {
  static let text = """
    <section aria-labelledby="layers">
    <h2 id="layers">Layers</h2>
    <div class="wide" role="region" aria-label="Layers" tabindex="0">
    <table class="layers">
    <caption>Layers of the network, for an input of {{inputShape}}; FLOPs per image, scratch in bytes</caption>
    <thead><tr><th scope="col">Layer</th><th scope="col">Output</th><th scope="col">Parameters</th>\
    <th scope="col">FLOPs</th><th scope="col">Scratch</th><th scope="col">Lowering</th></tr></thead>
    <tbody>
    {{#layers}}
    <tr><th scope="row">{{layer}}</th><td>{{output}}</td><td>{{parameters}}</td><td>{{operations}}</td>\
    <td>{{scratch}}</td><td>{{lowering}}</td></tr>
    {{/layers}}
    </tbody>
    </table>
    </div>
    </section>
    <section aria-labelledby="facts">
    <h2 id="facts">Settings and versions</h2>
    <table class="facts">
    <caption><span class="away">Settings and versions</span></caption>
    <tbody>
    {{#facts}}
    <tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
    {{/facts}}
    </tbody>
    </table>
    </section>

    """
}
