/// The surest mistakes.
enum MistakesTemplate {
  static let text = """
    <section aria-labelledby="mistakes">
    <h2 id="mistakes">The surest mistakes</h2>
    {{#mistakes}}
    {{^hasMistakes}}
    <p>Every test image was recognized.</p>
    {{/hasMistakes}}
    {{#hasMistakes}}
    <p>{{mistakeSentence}}{{#isOnlyAPart}} These are the ones of which the network was surest.{{/isOnlyAPart}} A caption has \
    what the image shows, what it was taken for, and how sure the network was.</p>
    {{/hasMistakes}}
    <div class="gallery">
    {{#shown}}
    <figure>
    <img src="{{picture.source}}" width="56" height="56" alt="Test image {{index}}">
    <figcaption><span class="label">{{label}}</span> <span aria-hidden="true">→</span><span class="away">taken for</span> \
    <span class="prediction">{{prediction}}</span><br><span class="sure">{{confidence}}</span></figcaption>
    </figure>
    {{/shown}}
    </div>
    {{/mistakes}}
    </section>

    """
}
