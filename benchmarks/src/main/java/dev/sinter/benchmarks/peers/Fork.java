package dev.sinter.benchmarks.peers;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The same command in a JVM of its own. What a JVM has seen of one network changes the code that
/// it makes for the next, which no user of one network meets.
final class Fork {
  private Fork() {}

  /// What `sinter bench` with these arguments answers.
  ///
  /// @throws IllegalArgumentException if it fails
  static Document run(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Bench.class.getName(), "--json"));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (Reader answer = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
      Document document = new Gson().fromJson(answer, Document.class);
      int code = process.waitFor();
      if (code != 0 || document == null) {
        throw new IllegalArgumentException("its JVM ended with " + code);
      }
      return document;
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("its JVM did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroy();
    }
  }
}
