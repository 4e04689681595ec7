package dev.sinter.cli;

import dev.sinter.runtime.DeviceException;
import dev.sinter.runtime.files.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The sample `digits`, which the command line carries, unpacked into a folder.
///
/// @param folder where it lies
record DigitsSample(Path folder) {
  private static final String TEXT = "digits.sinter";
  private static final String DATA = "digits.csv.gz";
  private static final String READER = "Recognize.java";
  private static final Pattern RESULT = Pattern.compile("(\\d+) of (\\d+) digits recognized");

  /// What the JAR made of the test's digits.
  ///
  /// @param right how many it recognized
  /// @param examples how many there are
  /// @param text what the program printed
  record Recognized(long right, long examples, String text) {
    double accuracy() {
      return (double) right / examples;
    }
  }

  static DigitsSample unpack(Path folder) throws IOException {
    for (String name : List.of(TEXT, DATA, READER, "README.md")) {
      try (InputStream in = DigitsSample.class.getResourceAsStream("digits/" + name)) {
        if (in == null) {
          throw new IOException(name + " is missing in the command line's JAR");
        }
        byte[] content = in.readAllBytes();
        AtomicFile.write(
            folder.resolve(name),
            channel -> {
              ByteBuffer bytes = ByteBuffer.wrap(content);
              while (bytes.hasRemaining()) {
                channel.write(bytes);
              }
            });
      }
    }
    return new DigitsSample(folder);
  }

  Path text() {
    return folder.resolve(TEXT);
  }

  Path jar() {
    return folder.resolve("digits.jar");
  }

  Path weights() {
    return WeightsBeside.of(jar());
  }

  /// The command that [#recognize] runs, in the sample's folder.
  String command() {
    return "java " + String.join(" ", arguments());
  }

  private List<String> arguments() {
    return List.of("--add-modules", "jdk.incubator.vector", "-cp", "digits.jar", READER, DATA);
  }

  /// Runs the JAR in a JVM of its own, which knows nothing of Sinter but what the JAR holds.
  Recognized recognize() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments());
    Path said = Files.createTempFile("sinter-demo", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(said.toFile())
              .start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      Matcher result = RESULT.matcher(text);
      if (code != 0 || !result.find()) {
        throw new DeviceException(
            "the JVM that ran %s ended with %d:%n%s%s"
                .formatted(jar(), code, text, Files.readString(said)));
      }
      return new Recognized(Long.parseLong(result.group(1)), Long.parseLong(result.group(2)), text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeviceException("interrupted while the JAR ran", e);
    } finally {
      Files.deleteIfExists(said);
    }
  }
}
