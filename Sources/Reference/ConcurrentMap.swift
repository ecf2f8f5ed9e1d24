internal import Dispatch
internal import Synchronization

/// `transform` of 0 ..< `count`, in order, computed on all cores.
///
/// The result does not depend on how the work is split: each element is computed from its index alone. When several throw,
/// the error of the lowest part is thrown.
package func concurrentMap<Element: Sendable, Failure: Error>(
  _ count: Int, _ transform: @Sendable (Int) throws(Failure) -> Element
) throws(Failure) -> [Element] {
  // More parts than cores, so that a slow part holds nobody up; a part is one lock.
  let parts = min(count, 64)
  let results = Mutex([Int: Result<[Element], Failure>]())
  DispatchQueue.concurrentPerform(iterations: parts) { part in
    let range = part * count / parts..<(part + 1) * count / parts
    var elements: [Element] = []
    elements.reserveCapacity(range.count)
    var result: Result<[Element], Failure>
    do throws(Failure) {
      for index in range { elements.append(try transform(index)) }
      result = .success(elements)
    } catch {
      result = .failure(error)
    }
    results.withLock { $0[part] = result }
  }
  var all: [Element] = []
  all.reserveCapacity(count)
  for part in 0..<parts {
    guard let result = results.withLock({ $0[part] }) else { preconditionFailure("part \(part) was never computed") }
    all += try result.get()
  }
  return all
}
