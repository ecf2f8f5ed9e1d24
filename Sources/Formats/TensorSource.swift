import PlumbModel

/// Hands out a model's tensors by name, and knows which nobody asked for.
struct TensorSource {
  private let file: String
  private var left: [String: Tensor]
  private var packed: [String: PackedStack]
  /// The names of tensors that are made of others, of which it is known that all numbers are finite.
  private(set) var checked: Set<String> = []

  /// Makes a source of `tensors`, of those `made` of others, and of `packed` ones, which `file` names in messages.
  ///
  /// - Throws: `ModelError` when a name stands twice, be it in two spellings of the same characters.
  init(
    _ tensors: [Tensor], made: [Tensor] = [], packed: [PackedStack] = [], file: String
  ) throws(ModelError) {
    self.file = file
    left = [:]
    self.packed = Dictionary(packed.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    checked = Set(made.map(\.name))
    for tensor in tensors + made where left.updateValue(tensor, forKey: tensor.name) != nil {
      throw ModelError(
        file: file, problem: "tensor \(ModelError.quoted(tensor.name)) stands twice",
        remedy: "which of the two holds is anyone's guess: convert the model again")
    }
  }

  /// The tensor called `name`, where there is one.
  mutating func takeIfPresent(_ name: String) -> Tensor? { left.removeValue(forKey: name) }

  /// The packed stack called `name`, where there is one.
  mutating func takePacked(_ name: String) -> PackedStack? { packed.removeValue(forKey: name) }

  /// Counts `layers` as made of tensors whose numbers are finite.
  mutating func check(_ layers: [LinearLayer]) { checked.formUnion(layers.map(\.weight.name)) }

  /// The tensor called `name`.
  ///
  /// - Throws: `ModelError` when it is missing.
  mutating func take(_ name: String) throws(ModelError) -> Tensor {
    guard let tensor = takeIfPresent(name) else { throw Self.missing(name, file: file) }
    return tensor
  }

  /// The error that the tensor called `name` is missing in `file`.
  static func missing(_ name: String, file: String) -> ModelError {
    ModelError(
      file: file, problem: "tensor '\(name)' is missing", remedy: "the model is incomplete: fetch or convert it again")
  }

  /// Whether the tensor called `name` is there.
  func has(_ name: String) -> Bool { left[name] != nil }

  /// The tensors `name.weight` and `name.bias`, where there are some.
  mutating func linearIfPresent(_ name: String) -> LinearLayer? {
    takeIfPresent("\(name).weight").map { LinearLayer(weight: $0, bias: takeIfPresent("\(name).bias")) }
  }

  /// The tensors `name.weight` and, where there is one, `name.bias`.
  mutating func linear(_ name: String) throws(ModelError) -> LinearLayer {
    LinearLayer(weight: try take("\(name).weight"), bias: takeIfPresent("\(name).bias"))
  }

  /// Refuses what is left: a tensor that no layer uses may be one that changes the values.
  func refuseLeftovers() throws(ModelError) {
    guard let name = (Array(left.keys) + packed.keys).min() else { return }
    throw ModelError(
      file: file, problem: "tensor \(ModelError.quoted(name)) belongs to no layer that is computed here",
      remedy: "use a plain model of the family (no experts or extra normalisations)")
  }
}
