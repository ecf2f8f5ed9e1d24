import CVectors

/// A call of one of the package's C functions: the record that `cvectors.h` defines.
struct Call {
  let function: plumb_vector_function
  private(set) var integers: [Int] = []
  private(set) var inputs: [[UInt8]] = []
  private(set) var outputs: [(kind: plumb_vector_kind, bytes: Int)] = []

  init(_ function: plumb_vector_function, _ integers: Int...) {
    self.function = function
    self.integers = integers
  }

  /// An input more.
  consuming func with<Element: BitwiseCopyable>(_ input: [Element]) -> Call {
    inputs.append(input.withUnsafeBytes { Array($0) })
    return self
  }

  /// An output of so many floats more.
  consuming func floats(_ count: Int) -> Call { writing(PLUMB_VECTOR_FLOATS, 4 * count) }

  /// An output of so many doubles more.
  consuming func doubles(_ count: Int) -> Call { writing(PLUMB_VECTOR_DOUBLES, 8 * count) }

  /// An output of so many bytes more.
  consuming func bytes(_ count: Int) -> Call { writing(PLUMB_VECTOR_BYTES, count) }

  private consuming func writing(_ kind: plumb_vector_kind, _ bytes: Int) -> Call {
    outputs.append((kind, bytes))
    return self
  }

  /// The record.
  var record: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ word: Int) { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    append(Int(function.rawValue))
    append(integers.count)
    integers.forEach(append)
    append(inputs.count)
    for input in inputs {
      append(input.count)
      bytes += input
      bytes += [UInt8](repeating: 0, count: (8 - input.count % 8) % 8)
    }
    append(outputs.count)
    for output in outputs {
      append(Int(output.kind.rawValue))
      append(output.bytes)
    }
    return bytes
  }

  /// The bytes that a set's function writes, and whether it fuses; nil where the processor lacks the set.
  static func replay(_ record: [UInt8], _ set: Int32) -> (outputs: [UInt8], isFused: Bool)? {
    var outputs = [UInt8](repeating: 0, count: plumb_vector_output_bytes(record, record.count))
    let isFused = plumb_vector_replay(set, record, record.count, &outputs)
    return isFused < 0 ? nil : (outputs, isFused == 1)
  }
}
