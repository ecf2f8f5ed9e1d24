import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// A tensor of a dump's file before its shape is looked at, or one of several that are stacked in it.
struct DumpEntry {
  /// The tensor's own name.
  let name: String
  /// The format that its numbers are taken in.
  let storage: FloatFormat
  /// Whether the file has Float64s that no Float32 is; they were rounded.
  let isRounded: Bool
  let activation: Activation<Float>

  /// Reads `entry`.
  ///
  /// - Throws: `CaseFileError` where its elements are no floating-point numbers.
  init(_ entry: SafeTensors.Entry, file: String) throws(CaseFileError) {
    name = entry.name
    storage =
      switch entry.type {
      case .bf16: .bfloat16
      case .f16: .float16
      default: .float32
      }
    guard entry.type == .f64 else {
      isRounded = false
      activation = try Activation<Float>(entry, file: file)
      return
    }
    let doubles = try Activation<Double>(entry, file: file)
    activation = doubles.map { Float($0) }
    isRounded = zip(doubles.elements, activation.elements).contains { !$0.isNaN && $0 != Double($1) }
  }

  private init(_ name: String, of stack: DumpEntry, _ activation: Activation<Float>) {
    self.name = name
    storage = stack.storage
    isRounded = stack.isRounded
    self.activation = activation
  }

  /// The same tensor with other numbers.
  func with(_ activation: Activation<Float>) -> DumpEntry { DumpEntry(name, of: self, activation) }

  /// The `count` tensors that are stacked along the first axis, or the second where the first is a batch of one; `nil` where
  /// that axis has another extent.
  func unstacked(_ count: Int) -> [DumpEntry]? {
    var shape = activation.shape
    if shape.first == 1, count != 1 { shape.removeFirst() }
    guard shape.count > 1, shape[0] == count else { return nil }
    let size = activation.elements.count / count
    return (0..<count).map { index in
      let elements = Array(activation.elements[index * size..<(index + 1) * size])
      return DumpEntry("\(name)[\(index)]", of: self, Activation(shape: Array(shape.dropFirst()), elements: elements))
    }
  }
}
