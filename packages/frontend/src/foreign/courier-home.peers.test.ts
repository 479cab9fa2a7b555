/** A real Courier as the home of accounts. */
import { startCourier } from '@homeward/testkit';
import { describePeerHome } from './testing/peer-home-contract.ts';

describePeerHome({ name: 'Courier', start: () => startCourier({ users: ['bob'] }) });
