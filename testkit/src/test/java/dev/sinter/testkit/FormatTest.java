package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every Java file of every module is as google-java-format writes it. `-Dsinter.format=rewrite`
/// rewrites the files that are not.
class FormatTest {
  private static final Path ROOT = Repository.current().root();

  @Test
  void everyFileIsFormatted() throws IOException {
    boolean rewrite = System.getProperty("sinter.format", "check").equals("rewrite");
    var formatter = new Formatter();
    var wrong = new ArrayList<String>();
    for (Path file : javaFiles()) {
      String text = Files.readString(file);
      String name = ROOT.relativize(file).toString();
      try {
        String formatted = formatter.formatSourceAndFixImports(text);
        if (formatted.equals(text)) {
          continue;
        }
        if (rewrite) {
          Files.writeString(file, formatted);
        } else {
          wrong.add(name);
        }
      } catch (FormatterException fault) {
        wrong.add(name + ": " + fault.getMessage());
      }
    }
    assertThat(wrong)
        .as("not formatted; `mvn test -pl testkit -am -Dsinter.format=rewrite` rewrites them")
        .isEmpty();
  }

  private static List<Path> javaFiles() throws IOException {
    var found = new ArrayList<Path>();
    for (Path pom : poms()) {
      Path sources = pom.resolveSibling("src");
      if (Files.isDirectory(sources)) {
        try (var files = Files.walk(sources)) {
          files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(found::add);
        }
      }
    }
    assertThat(found).as("Java files under " + ROOT).isNotEmpty();
    return found;
  }

  private static List<Path> poms() throws IOException {
    try (var files = Files.list(ROOT)) {
      return files.map(file -> file.resolve("pom.xml")).filter(Files::exists).sorted().toList();
    }
  }
}
