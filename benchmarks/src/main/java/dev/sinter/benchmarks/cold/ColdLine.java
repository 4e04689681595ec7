package dev.sinter.benchmarks.cold;

/// How one runtime starts: medians of several JVMs, in milliseconds since the process was started.
///
/// @param name whose start, and `+aot` with the JDK's cache
/// @param mainMs until the program began
/// @param loadedMs until the model was loaded, and had a session
/// @param answeredMs until the first answer
/// @param steadyFromMs until calls took within 10 % of what they took in the end
/// @param steadyMs what a call took in the end
/// @param ratio the first answer's time over that of ONNX Runtime without a cache
/// @param bytes on disk: the model, and the runtime where it is not in it
/// @param cacheBytes on disk: the JDK's cache
/// @param failure why there are no times, or empty
public record ColdLine(
    String name,
    double mainMs,
    double loadedMs,
    double answeredMs,
    double steadyFromMs,
    double steadyMs,
    double ratio,
    long bytes,
    long cacheBytes,
    String failure) {
  /// A line without times.
  public static ColdLine failed(String name, String why) {
    return new ColdLine(name, 0, 0, 0, 0, 0, 0, 0, 0, why);
  }
}
