package dev.sinter.runtime.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A file, mapped read-only until it is closed.
final class MappedFile implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment segment;

  private MappedFile(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  @SuppressWarnings(
      "MustBeClosedChecker") // The mapping is the owner's to close, as this class is for.
  static MappedFile open(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      Arena arena = Arena.ofShared();
      try {
        return new MappedFile(
            arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
      } catch (IOException | RuntimeException | Error e) {
        arena.close();
        throw e;
      }
    }
  }

  MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }
}
