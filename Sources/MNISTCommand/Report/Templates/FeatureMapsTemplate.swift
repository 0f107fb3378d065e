/// One image's way through the layers.
enum FeatureMapsTemplate {
  static let text = """
    <section aria-labelledby="maps">
    <h2 id="maps">One image, layer by layer</h2>
    {{#featureMaps}}
    <p>Test image {{exampleIndex}}, which shows {{exampleLabel}}, and what every layer makes of it.</p>
    <figure class="stage">
    <figcaption><strong>image</strong></figcaption>
    <div class="maps"><img src="{{exampleInput.source}}" width="84" alt="Test image {{exampleIndex}}: {{exampleLabel}}"></div>
    </figure>
    {{#stages}}
    {{^hasShares}}
    <figure class="stage">
    <figcaption><strong>{{stage}}</strong> <span class="gap">{{shape}}</span> <span class="sure">{{scale}}{{#hidesSome}}; the first 64 of \
    {{channels}} maps{{/hidesSome}}</span></figcaption>
    <div class="maps" role="img" aria-label="Output of {{stage}}, {{shape}}; {{scale}}.">
    {{#maps}}
    <img src="{{source}}" width="{{mapWidth}}" alt="">
    {{/maps}}
    </div>
    </figure>
    {{/hasShares}}
    {{#hasShares}}
    <div class="stage">
    <table class="shares">
    <caption><strong>{{stage}}</strong> <span class="gap">{{shape}}</span> <span class="sure">as shares of the answer</span></caption>
    <thead><tr><th scope="col"><span class="away">Class</span></th><th scope="col"><span class="away">Share</span></th></tr></thead>
    <tbody>
    {{#shares}}
    <tr><th scope="row">{{shareClass}}</th><td><span class="bar" style="--share:{{shareWidth}}%"></span> {{sharePercent}}</td></tr>
    {{/shares}}
    </tbody>
    </table>
    </div>
    {{/hasShares}}
    {{/stages}}
    {{/featureMaps}}
    </section>

    """
}
