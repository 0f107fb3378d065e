/// The most confident errors.
enum ErrorsTemplate {
  static let text = """
    <section aria-labelledby="errors">
    <h2 id="errors">Most confident errors</h2>
    {{#errors}}
    {{^hasErrors}}
    <p>Every test image was classified correctly.</p>
    {{/hasErrors}}
    {{#hasErrors}}
    <p>{{errorSentence}}{{#isOnlyAPart}} These are the most confident ones.{{/isOnlyAPart}} Captions give the label, the \
    prediction and its probability.</p>
    {{/hasErrors}}
    <div class="gallery">
    {{#shown}}
    <figure>
    <img src="{{picture.source}}" width="56" height="56" alt="Test image {{index}}">
    <figcaption><span class="label">{{label}}</span> <span aria-hidden="true">→</span><span class="away">predicted as</span> \
    <span class="prediction">{{prediction}}</span><br><span class="note">{{confidence}}</span></figcaption>
    </figure>
    {{/shown}}
    </div>
    {{/errors}}
    </section>

    """
}
