package dev.sinter.codegen.jar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TimeZone;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JarWriterTest {
  @TempDir Path folder;

  private Path write(String name, boolean turned) throws IOException {
    Path weights = Files.writeString(folder.resolve("weights"), "w".repeat(1000));
    JarWriter writer = new JarWriter(Map.of("Sinter-Program", "a".repeat(150)));
    if (turned) {
      writer.add("c/d.txt", "second");
      writer.add("a/b.txt", "first");
    } else {
      writer.add("a/b.txt", "first");
      writer.add("c/d.txt", "second");
    }
    writer.add("weights.bin", weights);
    Path jar = folder.resolve(name);
    writer.write(jar, bytes -> {});
    return jar;
  }

  @Test
  void theSameContentGivesTheSameBytesAtAnyTimeAndPlace() throws IOException {
    byte[] one = Files.readAllBytes(write("one.jar", false));
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
      assertThat(Files.readAllBytes(write("two.jar", true))).isEqualTo(one);
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void aFileBeginsAtAMultipleOf64() throws IOException {
    String text = Files.readString(write("one.jar", false), StandardCharsets.ISO_8859_1);
    assertThat(text.indexOf("w".repeat(1000)) % 64).isZero();
  }

  @Test
  void javaReadsItsEntriesAndItsLongManifest() throws IOException {
    try (JarFile jar = new JarFile(write("one.jar", false).toFile())) {
      assertThat(jar.stream().map(e -> e.getName()))
          .containsExactly("META-INF/MANIFEST.MF", "a/b.txt", "c/d.txt", "weights.bin");
      assertThat(jar.getManifest().getMainAttributes().getValue("Sinter-Program"))
          .isEqualTo("a".repeat(150));
      assertThat(jar.getInputStream(jar.getJarEntry("c/d.txt")).readAllBytes())
          .isEqualTo("second".getBytes(StandardCharsets.UTF_8));
    }
  }
}
