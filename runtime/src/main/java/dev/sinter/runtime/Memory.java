package dev.sinter.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A block of zeroed memory outside the Java heap, open to all threads, that its owner frees. It
/// begins at a multiple of [Tensor#ALIGNMENT] bytes.
final class Memory implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment segment;

  private Memory(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /// A new block; `what` names it in a fault.
  ///
  /// @throws DeviceException when the machine has not that much
  @SuppressWarnings(
      "MustBeClosedChecker") // The block is the owner's to close, as this class is for.
  static Memory allocate(long bytes, String what) {
    Arena arena = Arena.ofShared();
    try {
      return new Memory(arena, arena.allocate(bytes, Tensor.ALIGNMENT));
    } catch (OutOfMemoryError e) {
      arena.close();
      throw new DeviceException("no memory for %s, %d bytes".formatted(what, bytes), e);
    }
  }

  /// A new block that the garbage collector frees.
  ///
  /// @throws DeviceException when the machine has not that much
  static MemorySegment collected(long bytes, String what) {
    try {
      return Arena.ofAuto().allocate(bytes, Tensor.ALIGNMENT);
    } catch (OutOfMemoryError e) {
      throw new DeviceException("no memory for %s, %d bytes".formatted(what, bytes), e);
    }
  }

  /// All of the block.
  MemorySegment segment() {
    return segment;
  }

  /// Frees the block.
  @Override
  public void close() {
    arena.close();
  }
}
