package dev.sinter.runtime.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(
        file, channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void makesTheFoldersThatItNeeds() throws IOException {
    Path file = folder.resolve("a/b/c.txt");
    write(file, "first");
    write(file, "second");
    assertThat(file).hasContent("second");
  }

  @Test
  void aFaultLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    assertThatThrownBy(() ->
            AtomicFile.write(
                file,
                channel -> {
                  channel.write(ByteBuffer.allocate(9));
                  throw new IOException("disk full");
                }))
        .hasMessage("disk full");
    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("a.txt");
  }

  @Test
  void whereNothingMayBeWrittenTheCallersNameIsTold() {
    boolean closed = folder.toFile().setWritable(false) && !Files.isWritable(folder);
    assumeTrue(closed, "this user may write anywhere");
    Path file = folder.resolve("a.txt");
    assertThatThrownBy(() -> write(file, "new"))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessage(file.toString());
  }

  @Test
  void aFileWhereAFolderShouldBeIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    for (String below : List.of("b.txt", "b/c.txt")) {
      assertThatThrownBy(() -> write(file.resolve(below), "new"))
          .isInstanceOf(NotDirectoryException.class)
          .hasMessage(file.toString());
    }
  }
}
