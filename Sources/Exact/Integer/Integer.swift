internal import CGMP

/// An integer of any size.
///
/// A value type over one GMP integer: copying shares the storage, and the mutating operators write in place when
/// nobody else holds it. The integer 0 of a literal has no storage: every exact ball has one for its radius, and threads that
/// count references to the same one wait for each other at every copy.
///
/// *Edge cases*: GMP ends the process when a number would need more than 2³⁷ bits or more memory than there is. No
/// operation here bounds its operands; whoever takes sizes from input bounds them first, as the parsers do.
///
/// `@unchecked Sendable` is sound: GMP only reads through `mpz_srcptr`, the storage is written only by the one value that
/// uniquely references it, and GMP's allocators, which are thread-safe, are never replaced.
package struct Integer: @unchecked Sendable {
  /// `nil` for 0, which may have one too.
  private var storage: Storage?

  private init(storage: Storage?) {
    self.storage = storage
  }

  /// The heap object that owns the limbs.
  @safe final class Storage: ManagedBuffer<__mpz_struct, Void> {
    deinit {
      // The header was initialised by `mpz_init` in `make` and nobody else refers to it any more.
      unsafe withUnsafeMutablePointerToHeader { unsafe mpz_clear($0) }
    }
  }
}

// MARK: - The two ways to reach GMP

extension Integer {
  /// A new integer, written by `body` into a number that is 0 when `body` starts.
  @inline(__always)
  static func make(_ body: (mpz_ptr) -> Void) -> Integer {
    // An initialised mpz may be moved: it holds no pointer into itself.
    let buffer = unsafe Storage.create(minimumCapacity: 0) { _ in
      var value = unsafe __mpz_struct()
      unsafe mpz_init(&value)
      return unsafe value
    }
    // `create` returns an instance of the class it is called on.
    let storage = unsafe unsafeDowncast(buffer, to: Storage.self)
    unsafe storage.withUnsafeMutablePointerToHeader { unsafe body($0) }
    return Integer(storage: storage)
  }

  /// The result of `body`, which reads the number; the pointer is valid only within it.
  @inline(__always)
  func read<Result>(_ body: (mpz_srcptr) -> Result) -> Result {
    guard let storage else { return unsafe Integer.readZero(body) }
    // Shared storage is only read; `withUnsafe…` keeps it alive for as long as `body` runs.
    return unsafe storage.withUnsafeMutablePointerToHeader { unsafe body(UnsafePointer($0)) }
  }

  /// The result of `body`, which reads 0.
  @inline(never)
  private static func readZero<Result>(_ body: (mpz_srcptr) -> Result) -> Result {
    // Initialised for as long as `body` runs, and cleared after.
    var zero = unsafe __mpz_struct()
    unsafe mpz_init(&zero)
    defer { unsafe mpz_clear(&zero) }
    return unsafe body(&zero)
  }

  /// Whether this is 0 without storage; false says nothing.
  var isBare: Bool { storage == nil }

  /// The integer 0, without storage.
  static var bareZero: Integer { Integer(storage: nil) }

  /// Replaces the number by what `body` computes from it: `body` is given a destination and a source, which are the
  /// same number when this value owns its storage alone.
  @inline(__always)
  mutating func update(_ body: (mpz_ptr, mpz_srcptr) -> Void) {
    if isKnownUniquelyReferenced(&storage) {
      // Nobody else refers to the storage, so nobody can see it change; GMP allows destination and source to coincide.
      unsafe storage?.withUnsafeMutablePointerToHeader { unsafe body($0, UnsafePointer($0)) }
    } else {
      // `read` keeps the source alive while the new number is computed from it.
      self = unsafe read { source in unsafe Integer.make { unsafe body($0, source) } }
    }
  }

  /// Changes the number in place, copying it first when the storage is shared.
  @inline(__always)
  mutating func mutate(_ body: (mpz_ptr) -> Void) {
    if !isKnownUniquelyReferenced(&storage) {
      self = unsafe read { source in unsafe Integer.make { unsafe mpz_set($0, source) } }
    }
    // The storage is now referenced by this value alone.
    unsafe storage?.withUnsafeMutablePointerToHeader { unsafe body($0) }
  }

  /// A new integer computed by `operation` from two others.
  @inline(__always)
  static func combine(
    _ left: Integer, _ right: Integer, _ operation: (mpz_ptr, mpz_srcptr, mpz_srcptr) -> Void
  ) -> Integer {
    // Both sources stay alive through `read`, and the destination is new.
    unsafe left.read { first in
      unsafe right.read { second in unsafe make { unsafe operation($0, first, second) } }
    }
  }
}
