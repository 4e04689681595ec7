package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class RepositoryTest {
  /// Homes of people and build machines, on the three systems. Text may speak of `~`.
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(/(home|Users|root)/[a-zA-Z]|[A-Z]:\\\\+Users\\\\)");

  private static final Set<String> NOT_SOURCES =
      Set.of(".git", "target", ".idea", ".vscode", ".settings");

  @Test
  void noTextNamesAPathOfSomebodysMachine() throws IOException {
    var found = new ArrayList<String>();
    for (Path file : files(Repository.current().root())) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      boolean binary = text.indexOf('\0') >= 0;
      if (!binary && MACHINE_PATH.matcher(text).find()) {
        found.add(file.toString());
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void findsItsOwnFiles() {
    assertThat(Repository.current().file("pom.xml")).isRegularFile();
  }

  @Test
  void skipsATestWhoseSharedFileIsMissing() {
    assertThatThrownBy(() -> Repository.current().shared("no/such/file"))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("no/such/file");
  }

  private static List<Path> files(Path root) throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_SOURCES.contains(String.valueOf(folder.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            // In a linked worktree .git is a file.
            boolean source = !NOT_SOURCES.contains(String.valueOf(file.getFileName()));
            if (source && attributes.isRegularFile() && attributes.size() < 1_000_000) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
