/** The cast of the sample mailboxes. All addresses are in domains reserved for examples. */

/** Someone who writes or gets mail. */
export interface Person {
  readonly name: string;
  readonly address: string;
  /** Of their clock against UTC. */
  readonly zoneMinutes: number;
}

function person(name: string, address: string, zoneHours: number): Person {
  return { name, address, zoneMinutes: zoneHours * 60 };
}

/** Short name of someone in the cast. */
export type PersonKey =
  | 'mira'
  | 'tomas'
  | 'lena'
  | 'padraig'
  | 'rosa'
  | 'hugo'
  | 'sam'
  | 'ruth'
  | 'wei'
  | 'kenji'
  | 'olga'
  | 'eleni'
  | 'yusuf'
  | 'noa';

/** Friends, family and colleagues. */
export const people: Readonly<Record<PersonKey, Person>> = {
  mira: person('Mira Okafor', 'mira.okafor@example.org', 1),
  tomas: person('Tomáš Dvořák', 'tomas@example.org', 1),
  lena: person('Lena Fischer', 'lena.fischer@example.test', 1),
  padraig: person('Pádraig Byrne', 'padraig@example.test', 0),
  rosa: person('Rosa Delgado', 'rosa.delgado@example.org', -5),
  hugo: person('Hugo Lindqvist', 'hugo@example.test', 1),
  sam: person('Sam Ndlovu', 'sam@example.test', 2),
  ruth: person('Grandma Ruth', 'ruth@family.example.org', 0),
  wei: person('李薇', 'li.wei@cn.example.org', 8),
  kenji: person('佐藤健二', 'kenji.sato@jp.example.org', 9),
  olga: person('Ольга Морозова', 'olga@post.example.org', 3),
  eleni: person('Ελένη Παππά', 'eleni@books.example.org', 2),
  yusuf: person('يوسف حداد', 'yusuf.haddad@example.org', 3),
  noa: person('נועה לוי', 'noa.levi@music.example.org', 2),
};

/** Short name of a machine. */
export type MachineKey =
  | 'library'
  | 'railway'
  | 'parcels'
  | 'builds'
  | 'bakery'
  | 'weather'
  | 'postmaster'
  | 'list';

/** Machines that write by themselves. */
export const machines: Readonly<Record<MachineKey, Person>> = {
  library: person('City Library', 'no-reply@library.example.org', 1),
  railway: person('Northern Railways', 'tickets@rail.example.org', 1),
  parcels: person('Parcel Owl', 'tracking@parcels.example.org', 1),
  builds: person('Build Robot', 'builds@ci.example.test', 0),
  bakery: person('Bakery on the Corner', 'hello@bakery.example.org', 1),
  weather: person('Garden Weather', 'forecast@weather.example.org', 1),
  postmaster: person('Mail Delivery System', 'mailer-daemon@mx.example.org', 0),
  list: person('Kite Builders', 'kites@lists.example.org', 0),
};
