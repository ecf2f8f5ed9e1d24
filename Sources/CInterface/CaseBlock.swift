import CPlumbline
import PlumbCases
import PlumbModel
import PlumbVerdicts

/// A case as C reads it, in one allocation; `nil` where there is no memory.
///
/// - Parameters:
///   - number: the number of the case in its run; `nil` where it has none.
///   - line: whether it has its line.
func caseBlock(
  _ input: CheckedCase, number: Int?, line: Bool
) -> UnsafeMutablePointer<plumbline_case>? {
  let signature = Catalogue.signature(of: input.source.layer)
  var block = Block()
  let start = unsafe block.reserve(1, of: plumbline_case.self)
  let layer = block.put(input.source.layer.rawValue)
  let lineStart = line ? block.put(CaseLine(input.source).text) : nil
  let outputShape = block.put(input.outputShape.map(Int64.init))
  let tensors = signature.tensors.compactMap { slot in input.source.tensors[slot.name].map { (slot.name, $0) } }
  let tensorsStart = unsafe block.reserve(tensors.count, of: plumbline_tensor.self)
  let parts = tensors.map { name, tensor in
    let data =
      switch tensor {
      case .real(let numbers): block.put(numbers.elements)
      case .integer(let numbers): block.put(numbers.elements.map(Int64.init))
      }
    return (name: block.put(name), data: data, shape: block.put(tensor.shape.map(Int64.init)))
  }
  let attributesStart = unsafe block.reserve(signature.attributes.count, of: plumbline_attribute.self)
  let attributes = signature.attributes.map { slot in
    let value = input.source.attributes[slot.name] ?? slot.defaultValue
    return (name: block.put(slot.name), text: block.put(value.text), number: value.number)
  }
  guard let memory = unsafe block.made() else { return nil }
  func text(_ place: Int) -> UnsafePointer<CChar> {
    unsafe UnsafePointer((memory + place).assumingMemoryBound(to: CChar.self))
  }
  func extents(_ place: Int) -> UnsafePointer<Int64> {
    unsafe UnsafePointer((memory + place).assumingMemoryBound(to: Int64.self))
  }
  // Sound: each place was reserved for what is put there, and lies within the allocation.
  let tensorArray = unsafe (memory + tensorsStart).bindMemory(to: plumbline_tensor.self, capacity: tensors.count)
  for (index, ((_, tensor), part)) in zip(tensors, parts).enumerated() {
    let type = if case .real = tensor { PLUMBLINE_F32 } else { PLUMBLINE_I64 }
    unsafe tensorArray[index] = plumbline_tensor(
      name: text(part.name), data: memory + part.data, shape: extents(part.shape), strides: nil,
      rank: Int32(tensor.shape.count), type: Int32(type.rawValue))
  }
  let attributeArray = unsafe (memory + attributesStart).bindMemory(
    to: plumbline_attribute.self, capacity: attributes.count)
  for (index, attribute) in attributes.enumerated() {
    unsafe attributeArray[index] = plumbline_attribute(
      name: text(attribute.name), text: text(attribute.text), number: attribute.number)
  }
  let result = unsafe (memory + start).bindMemory(to: plumbline_case.self, capacity: 1)
  unsafe result.pointee = plumbline_case(
    layer: text(layer), tensors: tensorArray, tensor_count: tensors.count, attributes: attributeArray,
    attribute_count: attributes.count, output_shape: extents(outputShape), output_rank: Int32(input.outputShape.count),
    number: Int64(number ?? -1), line: lineStart.map { unsafe text($0) })
  return unsafe result
}

extension AttributeValue {
  /// The value as a number; NaN for a word.
  fileprivate var number: Double {
    switch self {
    case .flag(let flag): flag ? 1 : 0
    case .integer(let integer): Double(integer)
    case .real(let real): Double(real)
    case .word: .nan
    }
  }
}
