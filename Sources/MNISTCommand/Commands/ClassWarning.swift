import MNISTData

/// One line where a model of digits is shown clothing, or the other way round: what differs first.
func classWarning(model: [String], data: LabeledImages) -> String? {
  classWarning(model: model, data: data.classNames, name: data.name)
}

package func classWarning(model: [String], data: [String], name: String) -> String? {
  guard model.count == data.count else {
    return "warning: the model has \(model.count) classes, \(name) has \(data.count)"
  }
  guard let place = model.indices.first(where: { model[$0] != data[$0] }) else { return nil }
  return
    "warning: the model's classes are not those of \(name): class \(place) is \(model[place]) in the model, "
    + "\(data[place]) in \(name)"
}
