/// The feature maps of one image.
enum FeatureMapsTemplate {
  static let text = """
    <section aria-labelledby="maps">
    <h2 id="maps">One image, layer by layer</h2>
    {{#featureMaps}}
    <p>Test image {{exampleIndex}} (label {{exampleLabel}}) and the output of every layer.</p>
    <figure class="stage">
    <figcaption><strong>image</strong></figcaption>
    <div class="maps"><img src="{{exampleInput.source}}" width="84" alt="Test image {{exampleIndex}}: {{exampleLabel}}"></div>
    </figure>
    {{#stages}}
    {{^hasProbabilities}}
    <figure class="stage">
    <figcaption><strong>{{stage}}</strong> <span class="gap">{{shape}}</span> <span class="note">{{scale}}{{#hidesSome}}; the first 64 of \
    {{channels}} maps{{/hidesSome}}</span></figcaption>
    <div class="maps" role="img" aria-label="Output of {{stage}}, {{shape}}; {{scale}}.">
    {{#maps}}
    <img src="{{source}}" width="{{mapWidth}}" alt="">
    {{/maps}}
    </div>
    </figure>
    {{/hasProbabilities}}
    {{#hasProbabilities}}
    <div class="stage">
    <table class="probabilities">
    <caption><strong>{{stage}}</strong> <span class="gap">{{shape}}</span> <span class="note">as probabilities</span></caption>
    <thead><tr><th scope="col"><span class="away">Class</span></th><th scope="col"><span class="away">Probability</span></th></tr></thead>
    <tbody>
    {{#probabilities}}
    <tr><th scope="row">{{probabilityClass}}</th><td><span class="bar" style="--fraction:{{probabilityWidth}}%"></span> {{probabilityPercent}}</td></tr>
    {{/probabilities}}
    </tbody>
    </table>
    </div>
    {{/hasProbabilities}}
    {{/stages}}
    {{/featureMaps}}
    </section>

    """
}
