package dev.sinter.benchmarks.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where and with what something was measured.
final class Host {
  private Host() {}

  /// The processor, and how many of them there are.
  static String cpu() {
    String count = " x " + Runtime.getRuntime().availableProcessors();
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .findFirst()
              .orElse(System.getProperty("os.arch"))
          + count;
    } catch (IOException e) {
      return System.getProperty("os.arch") + count;
    }
  }

  /// The commit of a checkout, with a `+` if files differ from it; `unknown` outside of one.
  static String commit(Path checkout) throws IOException {
    String commit = git(checkout, "rev-parse", "--short", "HEAD");
    String changed = git(checkout, "status", "--porcelain", "--untracked-files=no");
    return commit.isEmpty() ? "unknown" : commit + (changed.isEmpty() ? "" : "+");
  }

  private static String git(Path checkout, String... arguments) throws IOException {
    String[] command = new String[arguments.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = checkout.toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? said.strip() : "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
