internal import CKernels
import PlumbModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Threads, and the kernels of one instruction set for them to run.
///
/// A crew runs one round of work at a time; each pass has its own.
@safe final class Crew {
  /// The instruction set of the kernels.
  let instructionSet: Engine.InstructionSet
  /// The number of threads.
  let size: Int
  private let threads: OpaquePointer
  private let table: UnsafePointer<plumb_kernels>
  private let scratch: UnsafeMutableBufferPointer<UnsafeMutableRawBufferPointer>
  /// Elements that somebody was done with, for activations to come.
  var spares = SpareElements()

  /// The number of processors that the system has for us.
  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// A crew of `threads`.
  ///
  /// - Precondition: the machine supports `instructionSet`.
  init(threads: Int, instructionSet: Engine.InstructionSet) {
    guard let table = unsafe plumb_kernels_for(instructionSet.index) else {
      preconditionFailure("this machine has no \(instructionSet.rawValue)")
    }
    self.instructionSet = instructionSet
    unsafe self.table = unsafe table
    unsafe self.threads = unsafe plumb_crew_create(Int32(clamping: threads))
    size = Int(unsafe plumb_crew_size(self.threads))
    unsafe scratch = .allocate(capacity: size)
    unsafe scratch.initialize(repeating: UnsafeMutableRawBufferPointer(start: nil, count: 0))
  }

  deinit {
    unsafe plumb_crew_destroy(threads)
    unsafe scratch.forEach { unsafe $0.deallocate() }
    unsafe scratch.deallocate()
  }

  /// The kernels.
  ///
  /// Sound to read at any time: the table is a constant of the program.
  var kernels: plumb_kernels { unsafe table.pointee }

  /// Calls `body` once for each item below `items`, on the threads of the crew, and returns when all are done.
  ///
  /// `worker` is below `size`, and no two calls at a time have the same: what belongs to a worker needs no lock.
  func run(_ items: Int, _ body: (_ item: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var work = Work(body: body)
      // Sound: `work` outlives the call, which returns only when every thread is done with it.
      unsafe withUnsafeMutablePointer(to: &work) { work in
        unsafe plumb_crew_run(threads, items, work) { context, item, worker in
          unsafe context.assumingMemoryBound(to: Work.self).pointee.take(item, Int(worker))
        }
      }
    }
  }

  /// The first of `items` that `worker` takes in a round.
  func firstItem(of worker: Int, among items: Int) -> Int {
    unsafe plumb_crew_first_item(threads, items, Int32(worker))
  }

  /// Lets `worker` ask memory for `bytes` when it is through with the next round and waits for another.
  func expect(_ bytes: UnsafeRawBufferPointer, by worker: Int) {
    // Sound: the bytes are asked for and never read, so that the memory may be gone by then.
    if let start = bytes.baseAddress { unsafe plumb_crew_expect(threads, Int32(worker), start, bytes.count) }
  }

  /// Room for `bytes` that only `worker` uses, until it asks again.
  ///
  /// Aligned to 64; its content is arbitrary.
  func scratch(of worker: Int, bytes: Int) -> UnsafeMutableRawPointer {
    // Sound: only `worker` itself touches its entry, and `run` orders what different rounds do.
    if let base = unsafe scratch[worker].baseAddress, unsafe scratch[worker].count >= bytes { return unsafe base }
    unsafe scratch[worker].deallocate()
    unsafe scratch[worker] = .allocate(byteCount: max(bytes, 64), alignment: 64)
    return unsafe scratch(of: worker, bytes: bytes)
  }

  /// Not copied: who copied the reference to `body` for each item would count it up and down in turns with other threads.
  private struct Work: ~Copyable {
    let body: (Int, Int) -> Void

    borrowing func take(_ item: Int, _ worker: Int) { body(item, worker) }
  }
}

extension Engine {
  /// The number of threads that a pass has unless told otherwise: the processors that the system has for this process.
  package static var processors: Int { Crew.processors }
}
