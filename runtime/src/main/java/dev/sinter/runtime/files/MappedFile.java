package dev.sinter.runtime.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A range of a file, mapped read-only until it is closed.
final class MappedFile implements AutoCloseable {
  private final Arena arena;
  private final MemorySegment segment;

  private MappedFile(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  static MappedFile open(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      return map(channel, path, 0, channel.size());
    }
  }

  static MappedFile open(Path path, long offset, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      return map(channel, path, offset, length);
    }
  }

  MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }

  @SuppressWarnings(
      "MustBeClosedChecker") // The mapping is the owner's to close, as this class is for.
  private static MappedFile map(FileChannel channel, Path path, long offset, long length)
      throws IOException {
    if (offset + length > channel.size()) {
      throw new FormatException(
          path.toString(),
          channel.size(),
          "the file ends here, expected %d bytes more".formatted(offset + length - channel.size()));
    }
    Arena arena = Arena.ofShared();
    try {
      return new MappedFile(
          arena, channel.map(FileChannel.MapMode.READ_ONLY, offset, length, arena));
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }
}
