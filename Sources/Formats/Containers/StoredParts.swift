import PlumbModel

/// The tensors of a folder that make one matrix, by the ends of their names behind that of the module.
struct StoredParts {
  let module: String
  var entries: [String: (entry: SafeTensors.Entry, file: String)] = [:]

  /// Whether there is a part whose name ends so.
  func has(_ end: String) -> Bool { entries[end] != nil }

  /// The part whose name ends in `end`, of one of the `types`.
  ///
  /// - Throws: `ModelError` where it is missing, or of another type.
  func part(_ end: String, _ types: SafeTensorsType...) throws(ModelError) -> SafeTensors.Entry {
    try part(end, among: types)
  }

  private func part(_ end: String, among types: [SafeTensorsType]) throws(ModelError) -> SafeTensors.Entry {
    guard let entry = entries[end]?.entry else {
      throw TensorSource.missing(module + end, file: entries.values.map(\.file).min() ?? module)
    }
    // No extent of a model comes near 2^31; below it, products of two cannot overflow.
    guard entry.shape.allSatisfy({ $0 < 1 << 31 }) else { throw fault(end, "has shape \(entry.shape)") }
    guard types.contains(entry.type) else {
      throw fault(
        end, "is stored as \(entry.type.rawValue), expected \(types.map(\.rawValue).joined(separator: " or "))")
    }
    return entry
  }

  /// The same where it has `shape`.
  ///
  /// - Throws: `ModelError` where it is missing, or of another type or shape.
  func part(_ end: String, _ types: SafeTensorsType..., shape: [Int]) throws(ModelError) -> SafeTensors.Entry {
    let entry = try part(end, among: types)
    guard entry.shape == shape else { throw fault(end, "has shape \(entry.shape), expected \(shape)") }
    return entry
  }

  /// The error that the part `end` has the `problem`.
  func fault(
    _ end: String, _ problem: String, remedy: String = "the model contradicts itself: fetch it again"
  ) -> ModelError {
    ModelError(
      file: entries[end]?.file ?? module, problem: "tensor \(ModelError.quoted(module + end)) \(problem)",
      remedy: remedy)
  }

  /// Refuses a scale that is NaN, infinite or zero, or takes products beyond what Float32s can stand for.
  ///
  /// - Parameter codes: the greatest and the least magnitude that a scale is multiplied by. A product with the least must be a normal
  ///   number of Float32, so that one rounding of it is within its precision; `nil` of products that are Float32s themselves.
  /// - Throws: `ModelError` that names the part and the element.
  func check(_ end: String, _ scales: some Sequence<Double>, greatest: Double, least: Double?, mayBeZero: Bool = false)
    throws(ModelError)
  {
    for (index, scale) in scales.enumerated() {
      let size = scale.magnitude
      guard size.isFinite, size > 0 || mayBeZero else {
        throw fault(
          end, "holds at element \(index) a scale that is NaN, infinite or zero",
          remedy: "the weights are damaged: fetch the model again")
      }
      guard Float(size * greatest).isFinite, size == 0 || size * (least ?? 1) >= (least == nil ? 0 : 0x1p-126) else {
        throw fault(
          end, "holds at element \(index) the scale \(scale), which takes weights beyond what Float32s can stand for",
          remedy: "the weights are damaged: fetch the model again")
      }
    }
  }
}
