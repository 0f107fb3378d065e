import Im2col

/// The names of the nodes of a graph: given names must be unique, other nodes are numbered by kind.
struct NodeNames {
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]

  mutating func name(of node: Graph.Node) throws(ShapeError) -> String {
    if let name = node.name {
      guard !name.isEmpty else {
        throw .unsupported("a layer has an empty name; give it a name, or omit the argument")
      }
      guard !name.contains(".") else {
        throw .unsupported("the layer name \"\(name)\" contains a dot; use a name without dots")
      }
      guard taken.insert(name).inserted else {
        throw .unsupported(
          "the layer name \"\(name)\" is already used by another layer; give every layer a unique name")
      }
      return name
    }
    let kind = node.layer.layer.kindName
    while true {
      counts[kind, default: 0] += 1
      let name = "\(kind)\(counts[kind, default: 0])"
      if taken.insert(name).inserted { return name }
    }
  }
}
