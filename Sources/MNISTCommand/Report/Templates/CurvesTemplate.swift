/// Loss and accuracy over the epochs.
enum CurvesTemplate {
  static let text = """
    <section aria-labelledby="curves">
    <h2 id="curves">Learning</h2>
    {{^curves}}
    <p>The model file has no record of its training, so there are no curves to show.</p>
    {{/curves}}
    {{#curves}}
    <div class="charts">
    {{#charts}}
    <figure>
    <figcaption>{{chartName}} by epoch</figcaption>
    <svg viewBox="0 0 440 240" role="img" aria-label="{{chartName}} over {{epochCount}}: {{chartSummary}}.">
    {{#rows}}
    <line class="grid" x1="44" x2="356" y1="{{at}}" y2="{{at}}"/><text class="tick row" x="38" y="{{at}}" dy="4">{{text}}</text>
    {{/rows}}
    {{#columns}}
    <text class="tick column" x="{{at}}" y="236">{{text}}</text>
    {{/columns}}
    {{#lines}}
    <g class="{{style}}">
    <polyline points="{{points}}"/>
    {{#dots}}
    <circle cx="{{x}}" cy="{{y}}" r="3.5"/>
    {{/dots}}
    <text class="name" x="{{labelX}}" y="{{labelY}}">{{lineName}}</text>
    </g>
    {{/lines}}
    </svg>
    </figure>
    {{/charts}}
    </div>
    <p>Training scores are measured during the epoch{{#hasValidation}}, validation scores after it, so validation can be \
    better at first. The validation loss was lowest after epoch {{lowestLossEpoch}}{{/hasValidation}}.</p>
    <details>
    <summary>The numbers of every epoch</summary>
    <div class="wide" role="region" aria-label="Numbers of every epoch" tabindex="0">
    <table class="numbers">
    <caption>Loss and accuracy of every epoch</caption>
    <thead><tr><th scope="col">Epoch</th><th scope="col">Loss</th><th scope="col">Accuracy</th>\
    {{#hasValidation}}<th scope="col">Validation loss</th><th scope="col">Validation accuracy</th>{{/hasValidation}}</tr></thead>
    <tbody>
    {{#epochs}}
    <tr><th scope="row">{{epoch}}</th><td>{{loss}}</td><td>{{accuracy}}</td>\
    {{#hasValidation}}<td>{{validationLoss}}</td><td>{{validationAccuracy}}</td>{{/hasValidation}}</tr>
    {{/epochs}}
    </tbody>
    </table>
    </div>
    </details>
    {{/curves}}
    </section>

    """
}
