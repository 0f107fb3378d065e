/// What the first layer looks for.
enum KernelsTemplate {
  static let text = """
    <section aria-labelledby="kernels">
    <h2 id="kernels">What the first layer looks for</h2>
    {{#kernels}}
    <p>The kernels of {{kernelLayer}} ({{kernelShape}}): white asks for ink, black for its absence, the gray between them \
    for neither. Numbers are the least and the greatest weight.{{#areSome}} The first 64 of {{kernelCount}} are shown.{{/areSome}}</p>
    <div class="gallery kernels">
    {{#kernels}}
    <figure>
    <img src="{{picture.source}}" width="70" height="70" alt="Kernel {{caption}}">
    <figcaption>{{caption}}<br><span class="sure">{{least}} … {{greatest}}</span></figcaption>
    </figure>
    {{/kernels}}
    </div>
    {{/kernels}}
    </section>

    """
}
