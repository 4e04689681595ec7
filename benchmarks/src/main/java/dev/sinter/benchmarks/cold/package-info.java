/// What a JVM does until its first answer, and until its answers come as fast as they ever do:
/// `./sinter bench --suite cold`.
@org.jspecify.annotations.NullMarked
package dev.sinter.benchmarks.cold;
