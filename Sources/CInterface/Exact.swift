import CPlumbline
import PlumbModel
import PlumbVerdicts

/// The exact values of a layer and the bounds of its elements; `plumbline.h` has the arguments.
@_cdecl("plumbline_exact")
public func exact(
  _ name: UnsafePointer<CChar>?, _ attributes: UnsafePointer<CChar>?, _ inputs: UnsafeRawPointer?, _ count: Int,
  _ arithmeticText: UnsafePointer<CChar>?, _ values: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe values?.pointee = nil
  return unsafe answer(place) {
    guard let values = unsafe values else { throw BadArgument("'values' is a null pointer") }
    let layer = try unsafe layer(name)
    let arithmetic = try arithmetic(try unsafe text(arithmeticText, "arithmetic", or: "f32"), for: layer)
    let input = try unsafe lentCase(layer, attributes, inputs?.assumingMemoryBound(to: plumbline_tensor.self), count)
    // Said as a judge says it: nothing is proved of some attributes.
    _ = try caseJudge(input, arithmetic)
    unsafe values.pointee = block(try LayerAnswer(input, in: arithmetic))
    return nil
  }
}

/// `answer` as C reads it, in one allocation; `nil` where there is no memory.
private func block(_ answer: LayerAnswer) -> UnsafeMutableRawPointer? {
  let shape = answer.engine.shape
  var block = Block()
  let start = unsafe block.reserve(1, of: plumbline_values.self)
  let places = (
    shape: block.put(shape.map(Int64.init)), expected: block.put(answer.expected), lower: block.put(answer.lower),
    upper: block.put(answer.upper), bound: block.put(answer.bound)
  )
  guard let memory = unsafe block.made() else { return nil }
  func doubles(_ place: Int) -> UnsafePointer<Double> {
    unsafe UnsafePointer((memory + place).assumingMemoryBound(to: Double.self))
  }
  // Sound: each place was reserved for what is put there, and lies within the allocation.
  unsafe (memory + start).bindMemory(to: plumbline_values.self, capacity: 1).pointee = plumbline_values(
    shape: UnsafePointer((memory + places.shape).assumingMemoryBound(to: Int64.self)), rank: Int32(shape.count),
    count: Int64(answer.expected.count),
    expected: UnsafePointer((memory + places.expected).assumingMemoryBound(to: Float.self)),
    lower: doubles(places.lower), upper: doubles(places.upper), bound: doubles(places.bound))
  return unsafe memory
}
