import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import MNISTData
import Testing

/// The page of `mnist playground` in a browser: layout, keyboard, steps, checks, tour, and the page without JavaScript.
///
/// Needs Chromium (Debian's package `chromium`).
@Suite(.enabled("needs Chromium", { Chromium.executable != nil }))
struct PlaygroundPageTests {
  /// A trained model with its page.
  private static func page(_ data: SmallMNIST) throws -> String {
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "0", "--epochs", "2", "--batch-size", "16", "--quiet",
      "--model",
      data.file("m.safetensors"), "--playground", data.file("p.html"),
    ])
    #expect(
      run.status == 0 && run.output.contains("playground     \(data.file("p.html"))"),
      "\(run.messages)\(run.output)")
    return try String(contentsOfFile: data.file("p.html"), encoding: .utf8)
  }

  @Test(arguments: [(390, 844), (1280, 900), (3840, 2160)])
  func fitsTheScreen(width: Int, height: Int) throws {
    let page = try Self.page(SmallMNIST())
    for dark in [false, true] {
      let out = try PlaygroundFrame.run(
        page, width: width, height: height, dark: dark,
        """
        out.ground = view.getComputedStyle(inside.body).backgroundColor;
        for (const [name, tab] of [['digit', 0], ['small', 1]]) {
          all('[role=tab]')[tab].click();
          await wait(100);
          out[name] = `${view.innerWidth} ${inside.documentElement.scrollWidth}`;
          const named = (e) => (e.getAttribute('aria-label') ?? e.textContent).trim() !== '' || e.labels?.length > 0;
          out[name + ' unnamed'] = String(all(`#${name} :is(button, input, select, .planes)`).filter((e) => !named(e)).length);
          out[name + ' planes'] = String(all(`#${name} .plane`).length);
          out[name + ' text'] = String(Math.min(...all(`#${name} :is(p, span, td, button)`).filter((e) => e.offsetWidth > 1).map((e) => parseFloat(view.getComputedStyle(e).fontSize))));
        }
        out.still = String(inside.getElementById('still').hidden);
        """)
      #expect(out["digit"] == "\(width) \(width)" && out["small"] == "\(width) \(width)", "\(out)")
      #expect(
        out["ground"] == "rgb(\(dark ? "22, 24, 26" : "252, 252, 250"))" && out["still"] == "true", "\(out)")
      #expect(out["digit unnamed"] == "0" && out["small unnamed"] == "0", "\(out)")
      // Numbers and gradients of an image, 6 + 6 + 16 + 16 maps and 4 vectors, 6 + 96 + 3 kernels and 5 biases; in the
      // small net, of 5 outputs, 2 kernels and 2 biases.
      #expect(out["digit planes"] == "318", "\(out)")
      #expect(out["small planes"] == "18", "\(out)")
      #expect(try #require(Double(out["digit text"] ?? "")) >= 11, "\(out)")
    }
  }

  @Test func theShownProbabilitiesAreThoseOfTheModel() throws {
    let data = try SmallMNIST()
    let page = try Self.page(data)
    let out = try PlaygroundFrame.run(
      page,
      """
      for (const [index, example] of all('.example').entries()) {
        example.click();
        await wait(100);
        out[example.getAttribute('aria-label')] = all('#digit .percent').map((e) => e.textContent).join(' ');
        out['label ' + index] = inside.querySelector('#digit input:checked').value;
      }
      """)
    let file = try ModelFile(contentsOf: data.file("m.safetensors"))
    let model = try file.model()
    let images = try LabeledImages(.test, at: MNISTLocation.find(explicit: data.path))
    for label in 0..<10 {
      let index = try #require((0..<images.count).first { images.label(of: $0) == label })
      let probabilities = try model.predict(images[index..<index + 1].tensor()).scalars
      let shown = try #require(out["Test image \(index): \(label)"]).split(separator: " ").filter {
        $0 != ">"
      }
      #expect(shown.count == 10 && out["label \(label)"] == "\(label)")
      for (text, probability) in zip(shown, probabilities) {
        let percent = try #require(Double(text.dropLast()))
        #expect(abs(percent - 100 * Double(probability)) < 0.0101, "image \(index): \(text), \(probability)")
      }
    }
  }

  @Test func theKeyboardAlone() throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page,
      """
      const conv1 = inside.querySelector('#digit [aria-label^="conv1, outputs"]');
      for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'PageDown', 'Home', 'End', 'ArrowLeft']) press(conv1, key);
      await wait(400);
      out.live = inside.querySelector('#digit aside [aria-live]').textContent;
      out.heading = inside.querySelector('#digit .head h2').textContent;
      out.marks = all('#digit .mark').map((e) => e.className).join();
      press(conv1, 'Enter');
      out.entered = inside.activeElement.className;
      press(inside.activeElement, 'Escape');
      out.back = String(inside.activeElement === conv1);
      out.released = inside.querySelector('#digit aside h2').textContent + all('#digit .mark').length;
      const tabs = all('[role=tab]');
      press(tabs[0], 'ArrowRight');
      await wait(100);
      out.tab = tabs[1].getAttribute('aria-selected') + inside.activeElement.id + tabs[0].tabIndex;
      // What the Tab key reaches, and nothing with a positive index that would change its order.
      out.order = String(all('[tabindex]').filter((e) => e.tabIndex > 0).length);
      const dense = inside.querySelector('#small [aria-label^="dense, kernel, "]');
      press(dense, 'ArrowDown');
      out.weight = inside.querySelector('#small .head h2').textContent + inside.querySelector('#small aside .value').textContent;
      """)
    #expect(out["live"]?.hasPrefix("conv1, row 1, column 26, map 1: ") == true, "\(out)")
    #expect(out["heading"] == "conv1, row 1, column 26, map 1", "\(out)")
    // The number, its window in the image, and the kernel of map 1.
    #expect(out["marks"] == "mark window,mark point,mark window", "\(out)")
    #expect(
      out["released"] == "Point at a number0" && out["tab"] == "truetab-small-1" && out["order"] == "0",
      "\(out)")
    #expect(out["entered"] == "explanation" && out["back"] == "true", "\(out)")
    #expect(out["weight"] == "Weight of dense, input 0, unit 11", "\(out)")
  }

  @Test func aStepAndItsUndoing() throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page,
      """
      const percents = () => all('#digit .percent').map((e) => e.textContent).join(' ');
      const buttons = (name) => all('#digit button').find((e) => e.textContent.startsWith(name));
      all('#digit input[type=radio]')[4].click();
      await wait(100);
      out.before = percents();
      buttons('Step').click();
      await wait(100);
      out.after = percents();
      out.rows = all('#digit .panel tbody tr').map((row) => [...row.cells].map((e) => e.textContent).join('|')).join(';');
      out.note = inside.querySelector('#digit .result .note').textContent;
      buttons('Step').click();
      await wait(100);
      out.second = percents();
      buttons('Undo').click();
      await wait(100);
      out.undone = percents();
      buttons('Undo').click();
      await wait(100);
      out.restored = percents() + buttons('Undo').disabled;
      const rate = inside.querySelector('#digit input[type=number]');
      for (const value of ['-1', '']) {
        rate.value = value;
        buttons('Step').click();
        out['refused' + value] = inside.querySelector('#digit .result').textContent;
      }
      """)
    func percent(_ text: String?, _ index: Int) throws -> Double {
      let shown = try #require(text).replacing("> ", with: "").split(separator: " ")[index]
      return try #require(Double(shown.dropLast()))
    }
    #expect(try percent(out["after"], 4) > percent(out["before"], 4), "\(out)")
    #expect(out["undone"] == out["after"] && out["second"] != out["after"], "\(out)")
    #expect(out["restored"] == (out["before"] ?? "") + "true", "\(out)")
    #expect(
      out["rows"]?.hasPrefix("loss|") == true && out["note"]?.contains("The loss changed by −") == true,
      "\(out)")
    #expect(out["refused-1"]?.contains("above 0") == true && out["refused"]?.contains("above 0") == true)
  }

  /// A gradient check of kernels, of a bias and of a dense weight.
  @Test func gradientsAgreeWithMeasuredOnes() throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page,
      """
      all('#digit input[type=radio]')[3].click();
      all('#digit .toggle button')[1].click();
      await wait(100);
      const find = (name) => inside.querySelector(`#digit [aria-label^="${name}"] .plane`);
      const names = ['conv1, kernel gradient', 'conv2, kernel gradient', 'conv2, bias gradient', 'dense2, kernel gradient'];
      for (const name of names) {
        point(find(name), 0.55, 0.45);
        await wait(50);
        const epsilon = inside.querySelector('#digit select');
        epsilon.value = '0.0001';
        epsilon.dispatchEvent(new view.Event('change', { bubbles: true }));
        all('#digit .check button').at(-1).click();
        const cells = all('#digit .check td').map((e) => e.textContent);
        out[name] = cells.slice(2).join('|') + '|' + inside.querySelector('#digit .check .result p').textContent;
      }
      """)
    #expect(out.count == 4)
    for (name, text) in out { #expect(text.hasSuffix("They agree."), "\(name): \(text)") }
  }

  /// Five stops; the fourth one shows the rotated kernel window by window, or at once with reduced motion.
  @Test(arguments: ["", "--force-prefers-reduced-motion"])
  func theTour(flags: String) throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page, flags: flags,
      """
      all('[role=tab]')[1].click();
      const next = () => all('#small .tour button').at(-1).click();
      for (let stop = 1; stop <= 5; stop++) {
        next();
        await wait(100);
        out['title' + stop] = inside.querySelector('#small .tour h2').textContent;
        out['value' + stop] = inside.querySelector('#small aside .value').textContent;
        out['focus' + stop] = String(inside.activeElement === inside.querySelector('#small .tour h2'));
        if (stop !== 4) continue;
        const used = () => [...all('#small aside table')[1].querySelectorAll('td')].map((e) => e.textContent).join(' ');
        out.first = used();
        await wait(6000);
        out.last = used();
        out.stored = [...all('#small aside table')[3].querySelectorAll('td')].map((e) => e.textContent).join(' ');
        all('#small aside button').find((e) => e.textContent === 'Next window').click();
        out.again = used();
      }
      """)
    #expect(
      out["title1"] == "What is a convolutional layer?"
        && out["title5"] == "How is it built in TensorFlow and Keras?")
    #expect((1...5).map { out["value\($0)"] } == ["4", "2", "0.5", "−2", "1"], "\(out)")
    #expect((1...5).allSatisfy { out["focus\($0)"] == "true" })
    #expect(out["stored"] == "0 0 1 −2 −1 2 0 1 −1", "\(out)")
    if flags.isEmpty {
      #expect(out["first"] == "· · · · · · · · ·" && out["last"] == "−1 1 0 2 −1 −2 1 0 0", "\(out)")
      #expect(out["again"] == "−1 · · · · · · · ·", "\(out)")
    } else {
      #expect(out["first"] == "−1 · · · · · · · ·" && out["last"] == out["first"], "\(out)")
      #expect(out["again"] == "−1 1 · · · · · · ·", "\(out)")
    }
  }

  /// The gradient of a pooled number: where it comes from, and where it goes, with a tie and with ReLU.
  @Test func poolingAndTies() throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page,
      """
      all('[role=tab]')[1].click();
      await wait(100);
      const shown = async (name, x, y) => {
        point(inside.querySelector(`#small [aria-label^="${name}"] .plane`), x, y);
        await wait(50);
        return inside.querySelector('#small .explanation').textContent;
      };
      out.pooled = await shown('pool, gradient', 0.25, 0.75);
      out.marks = all('#small .mark').map((e) => e.parentElement.parentElement.parentElement.parentElement.getAttribute('aria-label').split('.')[0]).join();
      out.first = await shown('conv, gradient', 0.3, 0.6);
      out.second = await shown('conv, gradient', 0.3, 0.9);
      out.stopped = await shown('conv, gradient', 0.6, 0.1);
      out.logit = await shown('dense, gradient', 0.25, 0.5);
      """)
    #expect(
      out["pooled"]?.contains("goes to the maximum of the window, at row 2, column 1 of conv") == true,
      "\(out)")
    #expect(out["pooled"]?.contains("A tie: 2 numbers are equally large") == true, "\(out)")
    #expect(out["marks"] == "conv, gradient of the sums,pool, gradient,flatten1, gradient", "\(out)")
    #expect(out["first"]?.contains("This one is the first in reading order") == true, "\(out)")
    #expect(out["second"]?.contains("another one comes first in reading order") == true, "\(out)")
    #expect(out["stopped"]?.contains("ReLU stops the gradient 2 here") == true, "\(out)")
    #expect(out["logit"]?.contains("p − y = 0.50000 − 1 = −0.50000") == true, "\(out)")
  }

  @Test func drawingAndClearing() throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page,
      """
      const pad = inside.querySelector('#digit .side canvas'), area = pad.getBoundingClientRect();
      const percents = () => all('#digit .percent').map((e) => e.textContent).join(' ');
      const image = () => { const c = inside.querySelector('#digit .image canvas'); const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true }); copy.drawImage(c, 0, 0); return copy.getImageData(0, 0, 28, 28).data; };
      pad.setPointerCapture = () => {};
      const send = (name, x, y) => pad.dispatchEvent(new view.PointerEvent(name, { clientX: area.left + x * area.width, clientY: area.top + y * area.height, pointerId: 1, bubbles: true, cancelable: true }));
      out.example = percents();
      send('pointerdown', 0.2, 0.5);
      send('pointermove', 0.8, 0.5);
      send('pointerup', 0.8, 0.5);
      await wait(200);
      out.drawn = percents();
      const pixels = image();
      out.bar = [4 * (14 * 28 + 14), 4 * (4 * 28 + 14), 4 * (14 * 28 + 1)].map((at) => pixels[at]).join(' ');
      all('#digit button').find((e) => e.textContent === 'Clear').click();
      await wait(200);
      out.cleared = String(image().every((byte, at) => at % 4 === 3 || byte === 0));
      // Pictures that are dropped: dark on light, and blank.
      const drop = async (draws) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 90, height: 60 }), context = canvas.getContext('2d');
        context.fillStyle = '#fff';
        context.fillRect(0, 0, 90, 60);
        context.fillStyle = '#000';
        if (draws) context.fillRect(40, 10, 8, 40);
        const bytes = Uint8Array.from(atob(canvas.toDataURL().split(',')[1]), (character) => character.charCodeAt(0));
        const transfer = new view.DataTransfer();
        transfer.items.add(new view.File([bytes], 'digit.png', { type: 'image/png' }));
        inside.body.dispatchEvent(new view.DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        await wait(500);
      };
      await drop(true);
      const dropped = image();
      out.dropped = [4 * (14 * 28 + 14), 4 * (14 * 28 + 4), 4 * (6 * 28 + 14)].map((at) => dropped[at]).join(' ');
      await drop(false);
      out.blank = inside.querySelector('#digit [role=status]').textContent;
      """)
    #expect(out["drawn"] != out["example"] && out["cleared"] == "true", "\(out)")
    // A horizontal bar through the middle, on black.
    #expect(out["bar"] == "255 0 0", "\(out)")
    // A vertical bar.
    #expect(out["dropped"] == "255 0 255" && out["blank"]?.contains("shows no digit") == true, "\(out)")
  }

  /// Without scripts, the page shows the report's pictures.
  @Test func withoutJavaScript() throws {
    let page = try Self.page(SmallMNIST())
    let out = try PlaygroundFrame.run(
      page, attributes: "sandbox=\"allow-same-origin\"",
      """
      out.app = String(inside.getElementById('app').hidden);
      out.pictures = String([...inside.images].filter((e) => e.naturalWidth > 0 && e.offsetWidth > 0).length);
      out.bars = String(all('.bar').length);
      out.text = inside.querySelector('noscript').textContent;
      """)
    // 6 kernels; the image and 6 + 6 + 16 + 16 + 1 + 1 + 1 maps.
    #expect(out["app"] == "true" && out["pictures"] == "54" && out["bars"] == "10", "\(out)")
    #expect(out["text"]?.contains("needs JavaScript") == true)
  }
}
