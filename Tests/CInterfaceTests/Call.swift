import CPlumbline
import Foundation
import PlumbCInterface

/// A tensor of a test, with memory of its own, which is never freed.
func tensor<Element>(
  _ name: String, _ elements: [Element], _ shape: [Int64], _ type: plumbline_type = PLUMBLINE_F32,
  strides: [Int64]? = nil, from first: Int = 0
) -> plumbline_tensor {
  func kept<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
    let memory = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
    memory.initialize(from: values, count: values.count)
    return memory
  }
  return plumbline_tensor(
    name: kept(Array(name.utf8CString)), data: kept(elements) + first, shape: kept(shape),
    strides: strides.map { UnsafePointer(kept($0)) }, rank: Int32(shape.count), type: Int32(type.rawValue))
}

/// The answer of a function of the interface.
struct Answer {
  let status: UInt32
  let text: String

  init(_ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt) {
    var text: UnsafeMutablePointer<CChar>?
    status = UInt32(bitPattern: call(&text))
    self.text = text.map { String(cString: $0) } ?? ""
    plumbline_free(text)
  }

  /// The JSON.
  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:] }

  /// The verdict.
  var verdict: String? { json["verdict"] as? String }
}

/// The verdict on `output`.
func judge(
  _ layer: String?, _ inputs: [plumbline_tensor], _ output: plumbline_tensor, attributes: String? = nil,
  arithmetic: String? = nil
) -> Answer {
  Answer { place in
    inputs.withUnsafeBufferPointer { inputs in
      withUnsafePointer(to: output) { output in
        plumbline_judge(layer, attributes, inputs.baseAddress, inputs.count, output, arithmetic, place)
      }
    }
  }
}
