package dev.sinter.runtime.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Writes a file whole or not at all: under a temporary name beside it, forced to the disk, then
/// moved into place.
public final class AtomicFile {
  private AtomicFile() {}

  /// What is written.
  @FunctionalInterface
  public interface Content {
    /// Writes all of it, from the channel's beginning.
    void writeTo(FileChannel channel) throws IOException;
  }

  /// Writes `target`, replacing what was there; on a fault the old file stays and the temporary one
  /// is gone.
  public static void write(Path target, Content content) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException(target + " is no file's name");
    }
    Files.createDirectories(folder);
    String process = Long.toString(ProcessHandle.current().pid());
    String unique = Long.toString(System.nanoTime(), Character.MAX_RADIX);
    Path temporary =
        folder.resolve("." + absolute.getFileName() + "." + process + "-" + unique + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      move(temporary, absolute);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
