/// The kernels of the first layer.
enum KernelsTemplate {
  static let text = """
    <section aria-labelledby="kernels">
    <h2 id="kernels">Kernels of the first layer</h2>
    {{#kernels}}
    <p>The kernels of {{kernelLayer}} ({{kernelShape}}): orange is positive, blue negative, white zero. Captions give the \
    smallest and the largest weight.{{#areSome}} The first 64 of {{kernelCount}} are shown.{{/areSome}}</p>
    <div class="gallery kernels">
    {{#kernels}}
    <figure>
    <img src="{{picture.source}}" width="70" height="70" alt="Kernel {{caption}}">
    <figcaption>{{caption}}<br><span class="note">{{minimum}} … {{maximum}}</span></figcaption>
    </figure>
    {{/kernels}}
    </div>
    {{/kernels}}
    </section>

    """
}
