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
  /// @param home the checkout
  /// @param type of the answer
  /// @throws IllegalArgumentException if it does not answer
  static <T> T run(Path home, List<String> arguments, Class<T> type) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-Dsinter.home=" + home,
            "-cp",
            System.getProperty("java.class.path"),
            Bench.class.getName(),
            "--json"));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (Reader answer = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
      T document = new Gson().fromJson(answer, type);
      int code = process.waitFor();
      if (document == null) {
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
