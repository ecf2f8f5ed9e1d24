internal import Dispatch
internal import Synchronization

/// `transform` of 0 ..< `count`, in order, computed on all cores.
///
/// The result does not depend on how the work is split: each element is computed from its index alone. The error of the
/// lowest index is thrown when several throw.
package func concurrentMap<Element: Sendable, Failure: Error>(
  _ count: Int, _ transform: @Sendable (Int) throws(Failure) -> Element
) throws(Failure) -> [Element] {
  // More parts than cores, so that a slow part holds nobody up.
  let parts = (0..<min(count, 64)).map { _ in Part<Element, Failure>() }
  DispatchQueue.concurrentPerform(iterations: parts.count) { index in
    let range = index * count / parts.count..<(index + 1) * count / parts.count
    parts[index].fill(range, transform)
  }
  var all: [Element] = []
  all.reserveCapacity(count)
  for part in parts { all += try part.elements() }
  return all
}

/// One part of the work: filled once, by one thread.
///
/// A reference that is published atomically and not a lock, because the thread sanitizer does not see into
/// `Synchronization.Mutex` on Linux.
private final class Part<Element: Sendable, Failure: Error>: Sendable {
  private final class Filling: Sendable {
    let result: Result<[Element], Failure>

    init(_ result: Result<[Element], Failure>) { self.result = result }
  }

  private let filling = AtomicLazyReference<Filling>()

  /// Computes the elements of `range`, up to the first that throws.
  func fill(_ range: Range<Int>, _ transform: @Sendable (Int) throws(Failure) -> Element) {
    var elements: [Element] = []
    elements.reserveCapacity(range.count)
    do throws(Failure) {
      for index in range { elements.append(try transform(index)) }
      _ = filling.storeIfNil(Filling(.success(elements)))
    } catch {
      _ = filling.storeIfNil(Filling(.failure(error)))
    }
  }

  /// The elements that `fill` computed, or the error that stopped it.
  func elements() throws(Failure) -> [Element] {
    guard let filling = filling.load() else { preconditionFailure("a part of a concurrent map was never computed") }
    return try filling.result.get()
  }
}
