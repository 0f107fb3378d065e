import MNISTData

/// Returns a warning if the model's classes differ from those of the data, with the first difference; else
/// nil.
func classWarning(model: [String], data: LabeledImages) -> String? {
  classWarning(model: model, data: data.classNames, name: data.name)
}

package func classWarning(model: [String], data: [String], name: String) -> String? {
  guard model.count == data.count else {
    return "warning: the model has \(model.count) classes, but \(name) has \(data.count)"
  }
  guard let place = model.indices.first(where: { model[$0] != data[$0] }) else { return nil }
  return
    "warning: the model's classes are not those of \(name): class \(place) is \(model[place]) in the model "
    + "but \(data[place]) in \(name)"
}
