import Glibc

/// A variable of this process's environment; nil if it is not there.
package func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
