package dev.sinter.benchmarks.cold;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/// When a JVM had come how far, in milliseconds of the machine's clock; and what a call took in the
/// end.
///
/// @param main when its program began
/// @param loaded when it had the model, and a session of it
/// @param answered when it had its first answer
/// @param steadyFrom when calls began to take what they take in the end, about
/// @param steady what that is
public record Times(double main, double loaded, double answered, double steadyFrom, double steady) {
  /// The file that has them, in a folder that both know.
  static final String FILE = "times";

  void write(Path folder) throws IOException {
    Properties all = new Properties();
    all.setProperty("main", Double.toString(main));
    all.setProperty("loaded", Double.toString(loaded));
    all.setProperty("answered", Double.toString(answered));
    all.setProperty("steadyFrom", Double.toString(steadyFrom));
    all.setProperty("steady", Double.toString(steady));
    try (OutputStream out = Files.newOutputStream(folder.resolve(FILE))) {
      all.store(out, null);
    }
  }

  /// What a JVM wrote that was started at `start`: its times since then.
  public static Times read(Path folder, long start) throws IOException {
    Properties all = new Properties();
    try (InputStream in = Files.newInputStream(folder.resolve(FILE))) {
      all.load(in);
    }
    return new Times(
        value(all, "main") - start,
        value(all, "loaded") - start,
        value(all, "answered") - start,
        value(all, "steadyFrom") - start,
        value(all, "steady"));
  }

  private static double value(Properties all, String name) throws IOException {
    String text = all.getProperty(name);
    if (text == null) {
      throw new IOException("the times lack " + name);
    }
    return Double.parseDouble(text);
  }
}
