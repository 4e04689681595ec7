/// Tensors, models, sessions and the worker pool: all that a compiled model needs, and no
/// dependency.
package dev.sinter.runtime;
