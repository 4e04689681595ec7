package dev.sinter.runtime.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
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
    createFolder(folder);
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
    } catch (AccessDeniedException e) {
      // The caller has never heard of the temporary file.
      AccessDeniedException denied = new AccessDeniedException(absolute.toString());
      denied.initCause(e);
      throw denied;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /// @throws NotDirectoryException which says what is in the way, not what could not be made below
  private static void createFolder(Path folder) throws IOException {
    for (Path above = folder; above != null; above = above.getParent()) {
      if (Files.exists(above)) {
        if (!Files.isDirectory(above)) {
          throw new NotDirectoryException(above.toString());
        }
        break;
      }
    }
    Files.createDirectories(folder);
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
