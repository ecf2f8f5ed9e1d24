import PlumbCases
import PlumbModel
import PlumbVerdicts

/// The inputs of one computation of a layer: tensors, and attributes where they differ from the defaults.
public struct Case: Sendable, CustomStringConvertible {
  let input: CheckedCase

  init(_ input: CheckedCase) { self.input = input }

  /// The case of a line, such as `"softmax x=[1x2]:0x1p+0,0x1p+7"`.
  ///
  /// - Throws: `PlumblineError` with the column where the line is wrong, or what does not fit the layer.
  public init(_ line: String) throws(PlumblineError) {
    input = try PlumblineError.translating {
      let input = try CheckedCase(try CaseLine.parse(line))
      try input.expectReasonableOutput()
      return input
    }
  }

  /// The case of tensors that are at hand; `attributes` as `plumb layer --set` takes them, such as `["epsilon": "1e-6"]`.
  ///
  /// - Throws: `PlumblineError` that names the tensor or attribute, what was expected and what was found.
  public init(
    _ layer: Layer, tensors: [String: Tensor], indices: [String: Indices] = [:], attributes: [String: String] = [:]
  ) throws(PlumblineError) {
    input = try PlumblineError.translating {
      let signature = Catalogue.signature(of: layer.kind)
      var values: [String: AttributeValue] = [:]
      for (name, text) in attributes {
        guard let slot = signature.attributes.first(where: { $0.name == name }) else {
          throw PlumblineError(.badInput, "\(layer) has no attribute '\(name)'")
        }
        guard let value = AttributeValue(text, like: slot.defaultValue) else {
          throw PlumblineError(
            .badInput, "attribute '\(name)' of \(layer) is '\(text)', expected \(slot.defaultValue.kind)")
        }
        values[name] = value
      }
      var given: [String: CaseTensor] = [:]
      for (name, tensor) in tensors { given[name] = .real(try tensor.activation(name)) }
      for (name, tensor) in indices { given[name] = .integer(try tensor.activation(name)) }
      let input = try CheckedCase(LayerCase(layer: layer.kind, attributes: values, tensors: given))
      try input.expectReasonableOutput()
      return input
    }
  }

  /// `count` cases of `layer`, drawn by every strategy in turn: the same on every machine.
  ///
  /// Numbers are representable in the format that kernels of `arithmetic` read their tensors in.
  /// - Throws: `PlumblineError` where `count` is negative, or the layer cannot be drawn.
  public static func drawn(
    of layer: Layer, count: Int, seed: UInt64 = 0, arithmetic: Arithmetic = .f32
  ) throws(PlumblineError) -> [Case] {
    guard count >= 0 else {
      throw PlumblineError(.badInput, "\(count) cases cannot be drawn", remedy: "give a number from 0 up")
    }
    return try PlumblineError.translating {
      try Catalogue.cases(of: layer.kind, count: count, seed: seed, representableIn: arithmetic.model.inputs).map(
        Case.init)
    }
  }

  /// The layer.
  public var layer: Layer { Layer(input.source.layer) }

  /// The extents of the output, outermost first.
  public var outputShape: [Int] { input.outputShape }

  /// The tensor `name`.
  ///
  /// - Throws: `PlumblineError` where the layer takes none of that name, or the case leaves it out.
  public func tensor(_ name: String) throws(PlumblineError) -> Tensor {
    Tensor(try PlumblineError.translating { try input.tensor(name) })
  }

  /// The tensor `name` of whole numbers, such as tokens.
  ///
  /// - Throws: `PlumblineError` where the layer takes none of that name.
  public func indices(_ name: String) throws(PlumblineError) -> Indices {
    Indices(try PlumblineError.translating { try input.indices(name) })
  }

  /// The text of the attribute `name`, its default where the case does not state it; `nil` where the layer has none of that name.
  public func attribute(_ name: String) -> String? {
    let slot = Catalogue.signature(of: input.source.layer).attributes.first { $0.name == name }
    return slot.map { (input.source.attributes[name] ?? $0.defaultValue).text }
  }

  /// The line that `plumb fuzz LAYER --replay` decides again.
  public var description: String { input.description }
}
