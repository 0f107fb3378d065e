/// The confusion matrix.
enum ConfusionTemplate {
  static let text = """
    <section aria-labelledby="confusion">
    <h2 id="confusion">Confusions</h2>
    {{#confusion}}
    <p>Rows are labels, columns are predictions.{{#hasWorst}} The most frequent confusions: \
    {{#worst}}{{worstSeparator}}{{worstLabel}} predicted as {{worstPrediction}} ({{worstCount}}){{/worst}}.{{/hasWorst}}</p>
    <div class="wide" role="region" aria-label="Confusion matrix" tabindex="0">
    <table class="confusion">
    <caption>Number of test images by label and prediction</caption>
    <thead><tr><th scope="col" class="axis">label / predicted</th>\
    {{#predictions}}<th scope="col"><abbr title="{{full}}">{{short}}</abbr></th>{{/predictions}}<th scope="col" class="recall">recall, %</th></tr></thead>
    <tbody>
    {{#rows}}
    <tr><th scope="row">{{#isNumbered}}<span class="number">{{number}}</span> {{/isNumbered}}{{className}}</th>\
    {{#cells}}<td class="{{style}}" style="--shade:{{shade}}">{{count}}</td>{{/cells}}<td class="recall">{{recall}}</td></tr>
    {{/rows}}
    </tbody>
    </table>
    </div>
    {{/confusion}}
    </section>

    """
}
