import CPlumbline
import PlumbFormats
import PlumbFuzzing
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The layer that the caller's text names.
func layer(_ pointer: UnsafePointer<CChar>?) throws -> LayerKind {
  let name = try unsafe text(pointer, "layer")
  do throws(LayerNameError) { return try Catalogue.layer(named: name) } catch { throw BadArgument("\(error)") }
}

/// The arithmetic that `text` names, for a kernel of `layer`.
///
/// - Throws: `NotProved` where nothing is proved of the layer in it.
func arithmetic(_ text: String, for layer: LayerKind) throws -> Arithmetic {
  let arithmetic: Arithmetic
  do throws(ArithmeticError) { arithmetic = try Arithmetic(parsing: text) } catch { throw BadArgument(error.problem) }
  try expectProved(layer, in: arithmetic)
  return arithmetic
}

/// Refuses a layer of which nothing is proved in `arithmetic`.
private func expectProved(_ layer: LayerKind, in arithmetic: Arithmetic) throws {
  guard case .model(let model) = arithmetic, let part = Catalogue.missingPart(of: layer, in: model) else { return }
  if Catalogue.isModelled(layer) { throw NotProved(description: "\(layer.rawValue): \(part)") }
  throw NotProved(
    description: "\(layer.rawValue): nothing is proved of it in the arithmetic '\(arithmetic)', only in 'engine'")
}

/// The members of the JSON object that the caller's text holds; none where it is a null pointer.
func members(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> [String: JSONValue] {
  try JSONFile.members(Array(try unsafe text(pointer, name, or: "{}").utf8), file: "'\(name)'")
}

/// The options that the caller's text holds, for cases of `layer`.
///
/// - Throws: `RunOptionsError` that names the key; `NotProved`.
func options(_ pointer: UnsafePointer<CChar>?, for layer: LayerKind) throws -> RunOptions {
  let options = try RunOptions(try unsafe members(pointer, "options"), for: layer)
  try expectProved(layer, in: options.arithmetic)
  return options
}

/// The case of the layer, attributes and tensors that a caller lends.
func lentCase(
  _ layer: LayerKind, _ attributes: UnsafePointer<CChar>?, _ inputs: UnsafePointer<plumbline_tensor>?, _ count: Int
) throws -> CheckedCase {
  let signature = Catalogue.signature(of: layer)
  var result = LayerCase(layer: layer, tensors: [:])
  for (name, value) in try unsafe members(attributes, "attributes").sorted(by: { $0.key < $1.key }) {
    let text = value.text ?? value.shown
    result.attributes[name] = try LayerCase.attribute(name, text, signature, name: "attributes")
  }
  guard count <= signature.tensors.count else {
    throw BadArgument("\(layer.rawValue) takes at most \(signature.tensors.count) tensors, and is given \(count)")
  }
  guard unsafe count == 0 || inputs != nil else { throw BadArgument("'inputs' is a null pointer") }
  var lent: [(tensor: LentTensor, isInteger: Bool)] = []
  for index in 0..<count {
    // Sound: the caller lends as many tensors as it says.
    guard let tensor = unsafe inputs?[index] else { continue }
    let name = try unsafe text(tensor.name, "name of input \(index)")
    guard let slot = signature.tensors.first(where: { $0.name == name }) else {
      let known = signature.tensors.map(\.name).joined(separator: ", ")
      throw BadArgument("\(layer.rawValue) takes no tensor '\(name)', only \(known)")
    }
    guard !lent.contains(where: { $0.tensor.name == name }) else {
      throw BadArgument("tensor '\(name)' is given twice")
    }
    lent.append((try unsafe LentTensor(tensor, name: name), slot.below != nil))
  }
  for (tensor, isInteger) in lent {
    result.tensors[tensor.name] = isInteger ? .integer(try tensor.integers()) : .real(try tensor.numbers())
  }
  let checked = try CheckedCase(result)
  try checked.expectReasonableOutput()
  return checked
}
