/** A protocol's settings as they are where people log in at a home itself. */
import type { ProtocolShape } from '@homeward/login-guards';
import { help } from '@homeward/service';

/**
 * Plain ports are opened for measurements and closed networks, by who wants them: so a login may do
 * without TLS there unless `loginType` says otherwise. Front ends come by tickets and are not meant.
 */
export function directShape<Shape extends ProtocolShape>(shape: Shape): Shape {
  return {
    ...shape,
    enabled: shape.enabled.meta(
      help(
        'If not, who logs in here himself (directLogin) is told goodbye; front ends come all the same.',
      ),
    ),
    loginType: shape.loginType
      .unwrap()
      .default('PlainTextLogin')
      .meta(
        help(
          'What a login needs of who comes here himself (directLogin): TLS, TLS unless the mechanism hides the secret, or nothing.',
          'LoginType',
        ),
      ),
  };
}
